"""What does a new registrar take? An adapter in one module (`adapter`), a section of configuration, and a sandbox to try it."""
