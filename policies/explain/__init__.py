"""Why a firm is entitled or not: each condition, each fact, who said it and when."""
