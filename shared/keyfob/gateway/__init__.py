"""API Gateway events in, API Gateway answers out."""
