"""What the console asks the rooms below, and how it turns their answers into views."""
