"""Put the house together: database, catalogue, library, and the demonstration bank.

Every room is entered here and nowhere else at once. What takes time (libraries, models) is loaded
where it is first needed.
"""

from jiuding.bootstrap.house import House, open_house
from jiuding.bootstrap.seeding import seed_demonstration

__all__ = ["House", "open_house", "seed_demonstration"]
