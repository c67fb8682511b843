"""Where a deployment goes: a folder, a server by ssh, a bucket."""
