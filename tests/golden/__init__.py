"""Published policies and bank files, with answers and bytes that are known to be right."""
