"""Components for those who watch an application."""
