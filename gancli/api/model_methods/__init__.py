"""The methods of gancli.TrainedModel, by what they are for."""
