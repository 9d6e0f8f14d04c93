"""Every real server through a client that is no code of ours."""
