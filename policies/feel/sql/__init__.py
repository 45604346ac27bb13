"""The engine that pays: it compiles checked terms to SQL over whole relations."""
