"""What contracts share whose bodies and replies are in snake_case: one file a subject."""
