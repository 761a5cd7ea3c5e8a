"""Pages for managers and analysts: measures, neighbourhood profiles, the quality of data. They show what was built."""
