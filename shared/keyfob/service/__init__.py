"""What the product does, as plain functions whose dependencies are arguments."""
