"""Models: what is fetched, admitted, stored and activated."""
