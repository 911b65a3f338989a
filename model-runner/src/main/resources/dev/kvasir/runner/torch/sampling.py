# Choosing tokens. logits: (R, vocabulary), float32.

def adjust(self, logits: Tensor, at: Tensor, change: Tensor, count: int) -> Tensor:
  # at: flat indices, each once; change: bias | repetition | penalty for each. Order as in Hugging Face.
  where = self.here(at.narrow(0, 0, count))
  by = self.here(change.narrow(0, 0, 3 * count))
  flat = logits.view(-1)
  v = torch.add(flat.index_select(0, where), by.narrow(0, 0, count))
  r = by.narrow(0, count, count)
  v = torch.where(torch.gt(v, 0.), torch.div(v, r), torch.mul(v, r))
  v = torch.sub(v, by.narrow(0, 2 * count, count))
  return flat.index_copy(0, where, v).view_as(logits)

def guide(self, logits: Tensor, allowed: Tensor, rows: int) -> Tensor:
  # allowed: a byte for each token of each row, 0 or 1.
  vocabulary = logits.size(1)
  keep = self.here(allowed.narrow(0, 0, rows * vocabulary)).view(rows, vocabulary)
  return logits.masked_fill(torch.eq(keep, 0), float("-inf"))

def best(self, logits: Tensor) -> Tensor:
  return torch.argmax(logits, -1)

def probabilities(self, logits: Tensor, rows: Tensor, temperature: Tensor, count: int) -> Tensor:
  x = logits.index_select(0, self.here(rows.narrow(0, 0, count)))
  return torch.softmax(torch.div(x, self.here(temperature.narrow(0, 0, count)).unsqueeze(1)), -1)

def candidates(self, logits: Tensor, rows: Tensor, temperature: Tensor, count: int, k: int) -> List[Tensor]:
  # The k most likely tokens of each row, best first: probabilities and ids.
  p, i = torch.topk(self.probabilities(logits, rows, temperature, count), k, -1, True, True)
  return [p, i]

def draw(self, logits: Tensor, rows: Tensor, temperature: Tensor, uniform: Tensor, count: int) -> Tensor:
  # Inverse of the cumulative distribution over the whole vocabulary, in vocabulary order.
  c = torch.cumsum(self.probabilities(logits, rows, temperature, count), -1, dtype=7)
  last = c.size(1) - 1
  u = torch.mul(self.here(uniform.narrow(0, 0, count)).to(7).unsqueeze(1), c.narrow(1, last, 1))
  return torch.searchsorted(c, u, right=True).clamp_max(last).view(-1)

def log_probabilities(self, logits: Tensor, tokens: Tensor, count: int, k: int) -> List[Tensor]:
  # Of the model's own distribution: that of one token per row, and the k largest with their ids.
  norm = torch.logsumexp(logits, [1], True)
  own = torch.sub(torch.gather(logits, 1, self.here(tokens.narrow(0, 0, count)).view(-1, 1)), norm).view(-1)
  v, i = torch.topk(logits, k, -1, True, True)
  return [own, torch.sub(v, norm), i]

def pick_rows(self, x: Tensor, rows: Tensor, count: int) -> Tensor:
  return x.index_select(0, self.here(rows.narrow(0, 0, count)))
