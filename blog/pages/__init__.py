"""Home, about, health, sitemap."""
