"""Pictures, one file each: tables in, figures out. Nothing here reads or writes files."""
