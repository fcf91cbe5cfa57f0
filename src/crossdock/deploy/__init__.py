"""From an assembly to a cloud: observe (reads), plan (decides), apply (writes), deliver (follows a push)."""
