"""The door: who calls, may they, which engine answers. Every request to the local AWS comes through here."""
