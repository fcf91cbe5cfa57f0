"""Recordings of a terminal: captured as asciicast, replayed on an emulated screen, drawn as an animated SVG."""
