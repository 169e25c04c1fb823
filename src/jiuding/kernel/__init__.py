"""What everything is made of: value, behaviour, people, promises and judgement."""
