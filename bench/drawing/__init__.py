"""Pictures, one file each: a table goes in, a figure comes out. Nothing is read or written here."""
