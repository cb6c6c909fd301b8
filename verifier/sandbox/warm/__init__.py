"""What the fork server does to torch before it forks."""
