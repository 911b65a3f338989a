# The steps of a forward pass. T is the batch's tokens, all rows one after the other.

def linear(self, x: Tensor, i: int) -> Tensor:
  if self.packed:
    y = ops.mkldnn._linear_pointwise(x, self.linears[i], self.biases[i], "none", [], "")
  else:
    y = torch.linear(x, self.linears[i], self.biases[i])
  return y

def begin_step(self, meta: Tensor, tokens: int) -> int:
  # meta: token ids | positions | pool row of each token in layer 0, K, head 0
  positions = meta.narrow(0, tokens, tokens)
  self.step_cos = [self.cos[0].index_select(0, positions).unsqueeze(1)]
  self.step_sin = [self.sin[0].index_select(0, positions).unsqueeze(1)]
  heads = torch.arange(2 * self.kv_heads).mul(self.segment_tokens)
  self.append_rows = [torch.add(meta.narrow(0, 2 * tokens, tokens).unsqueeze(1), heads).view(-1)]
  return 0

def embed(self, meta: Tensor, tokens: int) -> Tensor:
  return torch.embedding(self.embedding[0], self.here(meta.narrow(0, 0, tokens)))

def qkv(self, l: int, x: Tensor) -> List[Tensor]:
  # Returns queries and keys (T, heads + kv_heads, head_dim), not rotated, and values (T, kv_heads, head_dim).
  n = x.size(0)
  y = self.linear(torch.rms_norm(x, [self.hidden], self.attention_norms[l], self.epsilon), l * 4)
  split = (self.heads + self.kv_heads) * self.head_dim
  qk = y.narrow(1, 0, split).view(n, self.heads + self.kv_heads, self.head_dim)
  v = y.narrow(1, split, self.kv_heads * self.head_dim).view(n, self.kv_heads, self.head_dim)
  if self.qk_norm:
    qk = torch.mul(torch.rms_norm(qk, [self.head_dim], None, self.epsilon), self.head_norms[l])
  return [qk, v]

def qkv_contiguous(self, l: int, x: Tensor) -> List[Tensor]:
  # The same for whoever copies them away.
  p = self.qkv(l, x)
  return [p[0].contiguous(), p[1].contiguous()]

def rotate(self, x: Tensor) -> Tensor:
  # x: (T, any heads, head_dim). The product is float32, since the tables are; bfloat16 angles would cost accuracy.
  half = self.head_dim // 2
  turned = torch.cat([x.narrow(2, half, half).neg(), x.narrow(2, 0, half)], -1)
  return torch.addcmul(torch.mul(x, self.step_cos[0]), turned, self.step_sin[0]).to(x.dtype)

def append(self, l: int, qk: Tensor, v: Tensor) -> int:
  # Writes the rotated keys in qk and the values (T, kv_heads, head_dim) of the step's tokens into the pool, in place.
  k = qk.narrow(1, self.heads, self.kv_heads)
  self.token_rows[l].index_copy_(0, self.append_rows[0], torch.cat([k, v], 1).view(-1, self.head_dim))
  return 0

def project(self, l: int, x: Tensor) -> Tensor:
  # Everything before attention; returns the rotated queries (T, heads, head_dim).
  p = self.qkv(l, x)
  qk = self.rotate(p[0])
  self.append(l, qk, p[1])
  return qk.narrow(1, 0, self.heads).contiguous()

def output(self, l: int, x: Tensor, attention: Tensor) -> Tensor:
  # x: (T, hidden), attention: (T or more, heads, head_dim)
  n = x.size(0)
  return torch.add(x, self.linear(self.here(attention.narrow(0, 0, n)).view(n, self.heads * self.head_dim), l * 4 + 1))

def mlp(self, l: int, x: Tensor) -> Tensor:
  h = torch.rms_norm(x, [self.hidden], self.mlp_norms[l], self.epsilon)
  gate, up = torch.split_with_sizes(self.linear(h, l * 4 + 2), [self.intermediate, self.intermediate], -1)
  return torch.add(x, self.linear(torch.mul(torch.silu(gate), up), l * 4 + 3))

def finish(self, l: int, x: Tensor, attention: Tensor) -> Tensor:
  # Everything after attention.
  return self.mlp(l, self.output(l, x, attention))

def logits(self, x: Tensor, rows: Tensor, first: int, count: int) -> Tensor:
  # Rows are picked before norm and head: the head is the largest matrix of a small model.
  h = torch.rms_norm(x.index_select(0, self.here(rows.narrow(0, first, count))), [self.hidden], self.final_norm[0], self.epsilon)
  return self.linear(h, self.layers * 4).float()

def hidden_sum(self, x: Tensor, first: int, count: int) -> Tensor:
  # Hidden states behind the final norm, summed up in float64: a long prompt's mean must not depend on where it was cut.
  h = torch.rms_norm(x.narrow(0, first, count), [self.hidden], self.final_norm[0], self.epsilon)
  return torch.sum(h, [0], False, dtype=7)

def forward_layers(self, meta: Tensor, tokens: int) -> Tensor:
  # The fused plan: the same methods as the layered one, called here instead of from Java.
  x = self.embed(meta, tokens)
  o = torch.empty([tokens, self.heads, self.head_dim], dtype=self.dtype)
  lse = torch.empty([tokens, self.heads])
  for l in range(self.layers):
    self.attend(l, self.project(l, x), o, lse)
    x = self.finish(l, x, o)
  return x
