"""What Almoner keeps about its own work: cases, permissions and the audit log."""
