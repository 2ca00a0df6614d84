"""What is tried of OpenSRS's adapter, over real sockets: a scripted registrar, and the sandbox."""
