"""Namespaces, ServiceAccounts and the rights of accounts (RBAC)."""
