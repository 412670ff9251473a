"""The JSON API: who asks, what every answer looks like, and its description. The routes live with their features."""
