"""What people work at: `check` and the commands that write for editors."""
