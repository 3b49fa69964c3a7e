"""What a run leaves on disk, and the machine it was made on."""
