"""Mail: the queue in which it waits, what it says, and how it is sent."""
