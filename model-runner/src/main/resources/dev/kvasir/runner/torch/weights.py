# Weights: attributes that start empty and are filled by these methods. dtypes are ints: 6 float32, 7 float64, 15 bfloat16.

def as_bfloat16(self, bits: Tensor) -> Tensor:
  # DJL can't make a bfloat16 tensor; Java makes a float16 one over the same bits and this reads them as bfloat16.
  y = torch.empty([0], dtype=15, device=bits.device)
  y.set_(bits)
  return y

def set_home(self, tensor: Tensor) -> int:
  # Weights and activations lie where this tensor lies. Java's own tensors are on the host.
  self.home = [tensor]
  return 0

def here(self, x: Tensor) -> Tensor:
  return x.to(self.home[0].device)

def set_embedding(self, weight: Tensor) -> int:
  self.embedding = [self.here(weight.clone().to(self.dtype))]
  return 0

def add_linear(self, parts: List[Tensor], biases: List[Tensor]) -> int:
  # Projections that share their input are one matrix: one call, one read of the activations.
  return self.add_matrix(self.here(torch.cat(parts, 0).to(self.dtype)), biases)

def tie_head(self) -> int:
  return self.add_matrix(self.embedding[0], annotate(List[Tensor], []))

def add_matrix(self, weight: Tensor, biases: List[Tensor]) -> int:
  w = weight
  if self.packed:
    w = ops.mkldnn._reorder_linear_weight(w, 1)
  self.linears.append(w)
  if len(biases) > 0:
    self.biases.append(self.here(torch.cat(biases, 0).to(self.dtype)))
  else:
    self.biases.append(None)
  return len(self.linears)

def add_norms(self, attention: Tensor, mlp: Tensor) -> int:
  self.attention_norms.append(self.here(attention.clone().to(self.dtype)))
  self.mlp_norms.append(self.here(mlp.clone().to(self.dtype)))
  return 0

def add_head_norms(self, query: Tensor, key: Tensor) -> int:
  # One row per head, so that queries and keys are normalised in one call.
  q = query.to(self.dtype).unsqueeze(0).expand(self.heads, self.head_dim)
  k = key.to(self.dtype).unsqueeze(0).expand(self.kv_heads, self.head_dim)
  self.head_norms.append(self.here(torch.cat([q, k], 0)))
  return 0

def set_final_norm(self, weight: Tensor) -> int:
  self.final_norm = [self.here(weight.clone().to(self.dtype))]
  return 0

def set_rotary(self, cos: Tensor, sin: Tensor) -> int:
  # (positions, head_dim) each, float32 whatever the model's dtype is.
  self.cos = [cos.clone()]
  self.sin = [sin.clone()]
  return 0

def bind_pool(self, memory: Tensor) -> int:
  # memory: (slots, layers, 2, kv_heads, segment_tokens, head_dim); bfloat16 arrives as float16 over the same bits.
  p = memory
  if self.dtype == 15:
    p = self.as_bfloat16(memory)
  self.pool = [p]
  self.segment_rows = annotate(List[Tensor], [])
  self.token_rows = annotate(List[Tensor], [])
  flat = p.view(-1)
  # Seen from layer l on, every (K|V, head) of every slot is one row at a fixed stride, so one index_select gathers both.
  rows = (p.size(0) - 1) * self.layers * 2 * self.kv_heads + 2 * self.kv_heads
  for l in range(self.layers):
    x = flat.narrow(0, l * 2 * self.kv_heads * self.row_elements, rows * self.row_elements)
    self.segment_rows.append(x.view([rows, self.row_elements]))
    self.token_rows.append(x.view([rows * self.segment_tokens, self.head_dim]))
  return 0

def unbind_pool(self) -> int:
  self.pool = annotate(List[Tensor], [])
  self.segment_rows = annotate(List[Tensor], [])
  self.token_rows = annotate(List[Tensor], [])
  return 0
