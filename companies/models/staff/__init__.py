"""What changes about officials only as two people have said: their accounts, roles and second factors."""
