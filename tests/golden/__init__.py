"""Published policies and bank files, with the answers and the bytes that are known to be right."""
