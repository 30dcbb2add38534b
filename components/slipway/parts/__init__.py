"""What the components are made of. No component is in here."""
