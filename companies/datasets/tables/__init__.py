"""One typed model per dataset, grouped by the department that shares it."""
