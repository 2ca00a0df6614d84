"""What a company sets: typed settings and the default TOML."""
