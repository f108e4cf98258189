"""The web as it is crawled and read: lists, sitemaps, pages, feeds, and the guards around it."""
