"""What people see: a run while it is played, a saved run, and a picture of one."""
