"""Lambda's events in, of API Gateway and of queues and streams, and Lambda's answers out."""
