"""Takes surveys and keeps them as they came."""
