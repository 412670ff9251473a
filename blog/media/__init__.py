"""Pictures of write-ups: uploaded by those who write, made anew from their pixels, served from the data folder."""
