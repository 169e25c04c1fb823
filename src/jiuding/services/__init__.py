"""What several business lines need, each beneath them and above the kernel."""
