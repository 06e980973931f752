"""A switch that Shoreline serves, as a platform of SONiC."""
