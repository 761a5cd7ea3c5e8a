"""Pages for everybody: the notice, releases, records about algorithms, feedback, rights. They show nobody."""
