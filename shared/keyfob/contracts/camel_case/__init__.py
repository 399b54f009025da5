"""What contracts share whose bodies and replies are in camelCase: one file a subject."""
