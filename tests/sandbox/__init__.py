"""What a portal's programmer may rely on when testing against the sandbox registrars."""
