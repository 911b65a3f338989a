# One training step of a Llama with a tied head, as TorchScript. dtypes are ints: 6 float32, 15 bfloat16.
# Parameters are float32 and stacked over layers; matrices are multiplied in bfloat16, as the served model does.
#
#   0 embedding (vocab, hidden)
#   1 q (layers, heads * head_dim, hidden)   2 k, 3 v (layers, kv_heads * head_dim, hidden)   4 o (layers, hidden, heads * head_dim)
#   5 gate, 6 up (layers, intermediate, hidden)   7 down (layers, hidden, intermediate)
#   8 attention norms, 9 MLP norms (layers, hidden)   10 final norm (hidden)

def set_state(self, state: Tensor, i: Tensor) -> Tensor:
  # Parameters first, then as many first moments, then second moments.
  n = int(i.item())
  if n == 0:
    self.state = annotate(List[Tensor], [])
  self.state.append(state.clone())
  return i

def get_state(self, i: Tensor) -> Tensor:
  return self.state[int(i.item())].clone()

def set_rotary(self, cos: Tensor, sin: Tensor) -> Tensor:
  # (positions, head_dim)
  self.rotary = [cos.clone(), sin.clone()]
  return cos

def norm(self, x: Tensor, w: Tensor) -> Tensor:
  # One reduction and two products: torch.rms_norm is made of eight operations, forward alone.
  length = torch.linalg_vector_norm(x, 2., [-1], True, dtype=6)
  scale = torch.rsqrt(torch.add(torch.div(torch.mul(length, length), float(self.hidden)), self.epsilon)).to(15)
  return torch.mul(torch.mul(x, scale), w)

def rotate(self, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
  half = self.head_dim // 2
  turned = torch.cat([x.narrow(3, half, half).neg(), x.narrow(3, 0, half)], -1)
  return torch.addcmul(torch.mul(x, cos), turned, sin)

def logits_of(self, p: List[Tensor], tokens: Tensor, mask: Tensor, rows: Tensor, hints: Tensor) -> List[Tensor]:
  # hints (kinds, hints): flat positions, read from layers half-way. Returns logits of rows, then of each kind of hints.
  b = tokens.size(0)
  t = tokens.size(1)
  group = self.heads // self.kv_heads
  scale = 1.0 / torch.sqrt(float(self.head_dim))
  cos = self.rotary[0].narrow(0, 0, t).to(15).unsqueeze(0).unsqueeze(2)
  sin = self.rotary[1].narrow(0, 0, t).to(15).unsqueeze(0).unsqueeze(2)
  qkv_weights = torch.unbind(torch.cat([p[1], p[2], p[3]], 1).to(15), 0)
  o_weights = torch.unbind(p[4].to(15), 0)
  up_weights = torch.unbind(torch.cat([p[5], p[6]], 1).to(15), 0)
  down_weights = torch.unbind(p[7].to(15), 0)
  attention_norms = torch.unbind(p[8].to(15), 0)
  mlp_norms = torch.unbind(p[9].to(15), 0)
  x = torch.embedding(p[0], tokens).to(15)
  known = annotate(List[Tensor], [])
  qk_heads = self.heads + self.kv_heads
  for l in range(self.layers):
    y = torch.linear(self.norm(x, attention_norms[l]), qkv_weights[l])
    y = y.view(b, t, qk_heads + self.kv_heads, self.head_dim)
    qk = self.rotate(y.narrow(2, 0, qk_heads), cos, sin)
    # Plain products over whole sequences: fused attention takes its blocks one by one, too small at these lengths.
    q = qk.narrow(2, 0, self.heads).reshape([b, t, self.kv_heads, group, self.head_dim]).permute([0, 2, 3, 1, 4])
    q = torch.mul(q, scale).reshape([b * self.kv_heads, group * t, self.head_dim])
    k = qk.narrow(2, self.heads, self.kv_heads).permute([0, 2, 3, 1]).reshape([b * self.kv_heads, self.head_dim, t])
    v = y.narrow(2, qk_heads, self.kv_heads).permute([0, 2, 1, 3]).reshape([b * self.kv_heads, t, self.head_dim])
    scores = torch.add(torch.bmm(q, k).view([b, self.kv_heads, group, t, t]), mask)
    a = torch.bmm(torch.softmax(scores, -1).view([b * self.kv_heads, group * t, t]), v)
    a = a.view([b, self.heads, t, self.head_dim]).transpose(1, 2).reshape(b, t, self.heads * self.head_dim)
    x = torch.add(x, torch.linear(a, o_weights[l]))
    gate, up = torch.split_with_sizes(torch.linear(self.norm(x, mlp_norms[l]), up_weights[l]), [self.intermediate, self.intermediate], -1)
    x = torch.add(x, torch.linear(torch.mul(torch.silu(gate), up), down_weights[l]))
    if l + 1 == self.person_layer:
      known.append(x.view(b * t, self.hidden).index_select(0, hints.select(0, 0)))
    if l + 1 == self.linked_layer:
      known.append(x.view(b * t, self.hidden).index_select(0, hints.select(0, 1)))
    if l + 1 == self.answer_layer:
      known.append(x.view(b * t, self.hidden).index_select(0, hints.select(0, 2)))
  read = annotate(List[Tensor], [])
  for h in [x.view(b * t, self.hidden).index_select(0, rows)] + known:
    read.append(torch.linear(self.norm(h, p[10].to(15)), p[0].to(15)).float())
  return read

def visibility(self, tokens: Tensor, groups: Tensor) -> Tensor:
  # groups (batch, tokens): 1 is a passage that group 2 can't attend to. Returns (batch or 1, 1, 1, tokens, tokens) to add to scores.
  t = tokens.size(1)
  none = torch.triu(torch.ones([t, t], dtype=11), 1).unsqueeze(0)
  if bool(groups.any()):
    apart = torch.logical_and(groups.eq(2).unsqueeze(2), groups.eq(1).unsqueeze(1))
    none = torch.logical_or(apart, none)
  return torch.masked_fill(torch.zeros(none.size(), dtype=15), none, -1.0e4).unsqueeze(1).unsqueeze(1)

def orthogonal(self, update: Tensor) -> Tensor:
  # Newton-Schulz iterations of Muon (Jordan et al., 2024): the nearest semi-orthogonal matrix, for each layer.
  x = update.to(15)
  wide = x.size(1) <= x.size(2)
  if not wide:
    x = x.transpose(1, 2)
  x = torch.div(x, torch.add(torch.linalg_vector_norm(x, 2., [1, 2], True), 1.0e-7))
  for i in range(5):
    a = torch.bmm(x, x.transpose(1, 2))
    b = torch.add(torch.mul(a, -4.775), torch.bmm(a, a), alpha=2.0315)
    x = torch.add(torch.mul(x, 3.4445), torch.bmm(b, x))
  if not wide:
    x = x.transpose(1, 2)
  return x.float()

def accumulate(self, tokens: Tensor, groups: Tensor, rows: Tensor, labels: Tensor, weights: Tensor, hints: Tensor, hint_weight: Tensor) -> Tensor:
  # rows: flat positions in (batch * tokens) whose next token is learned; labels, weights: one per row.
  # hints (kinds, 2, hints): flat positions, and what should be known there, -1 for nothing; each counts hint_weight.
  # Adds gradients to those since the last update. Returns loss, and 1 where the label was the likeliest, per row, then per hint.
  p = annotate(List[Tensor], [])
  for i in range(11):
    p.append(self.state[i].detach().requires_grad_(True))
  read = self.logits_of(p, tokens, self.visibility(tokens, groups), rows, hints.select(1, 0))
  all_labels = torch.cat([labels, hints.select(1, 1).reshape([-1])])
  all_weights = torch.cat([weights, hint_weight.expand([all_labels.size(0) - labels.size(0)])])
  all_weights = torch.mul(all_weights, all_labels.ge(0).to(6))
  all_labels = all_labels.clamp(0)
  logits = torch.cat(read)
  losses = torch.neg(torch.log_softmax(logits, -1).gather(1, all_labels.unsqueeze(1)).squeeze(1))
  grads = torch.grad([torch.sum(torch.mul(losses, all_weights))], p)
  first = len(self.gradients) == 0
  for i in range(11):
    g = unchecked_cast(Tensor, grads[i])
    if first:
      self.gradients.append(g)
    else:
      self.gradients[i].add_(g)
  return torch.stack([losses.detach(), logits.detach().argmax(-1).eq(all_labels).to(6)], 1)

def update(self, rates: Tensor) -> Tensor:
  # rates: learning rate, weight decay, step from 1. Returns the gradients' norm.
  rate = float(rates[0].item())
  decay = float(rates[1].item())
  step = float(rates[2].item())
  correction1 = 1.0 - torch.pow(0.9, step)
  correction2 = 1.0 - torch.pow(0.95, step)
  squares = 0.0
  for i in range(11):
    w = self.state[i]
    g = self.gradients[i]
    m = self.state[11 + i]
    squares = squares + float(torch.sum(torch.mul(g, g)).item())
    if 0 < i and i < 8:
      m.mul_(0.95).add_(g)
      u = self.orthogonal(torch.add(g, m, alpha=0.95))
      # As large as Adam's steps are (Moonlight, arXiv 2502.16982).
      size = 0.2 * torch.sqrt(float(max(w.size(1), w.size(2))))
      w.mul_(1.0 - rate * decay).sub_(u, alpha=rate * size)
    else:
      s = self.state[22 + i]
      m.mul_(0.9).add_(g, alpha=0.1)
      s.mul_(0.95).addcmul_(g, g, value=0.05)
      w.sub_(torch.div(torch.div(m, correction1), torch.add(torch.sqrt(torch.div(s, correction2)), 1.0e-8)), alpha=rate)
  self.gradients = annotate(List[Tensor], [])
  return torch.tensor([torch.sqrt(squares)], dtype=6)
