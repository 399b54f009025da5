"""DynamoDB and Secrets Manager: one file per table, and the conditions that keep it true."""
