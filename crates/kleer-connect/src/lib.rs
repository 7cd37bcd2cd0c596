//! Kleer as one side of a connector.
