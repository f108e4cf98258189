"""What must leave the house, kept until it has left: mail, text messages, alerts, answers."""
