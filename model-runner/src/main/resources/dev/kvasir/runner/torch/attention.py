# Partial attention over the pool: queries x segment tables -> output and logsumexp, written in place.
#
# One gather copies K and V of a table's segments into scratch memory: [K|V][row][kv_head][token][head_dim]. A span of one
# query (a decode) needs no causal mask; spans of similar length share one padded, masked call. A span of many queries (a
# prefill chunk) is a whole partial over its past and a causal partial over its own tokens, merged by logsumexp.

def grow_scratch(self, elements: int) -> int:
  if len(self.scratch) == 0 or self.scratch[0].numel() < elements:
    self.scratch = [torch.empty([elements], dtype=self.dtype)]
  return 0

def table_rows(self, meta: Tensor, offset: int, rows: int, segments: int) -> Tensor:
  # Pool rows of a table in the order [K|V][row][kv_head][segment]; the same for every layer.
  slots = meta.narrow(0, offset, rows * segments).view(1, rows, 1, segments).mul(self.layers * 2 * self.kv_heads)
  heads = torch.arange(2 * self.kv_heads).view(2, 1, self.kv_heads, 1)
  return torch.add(heads, slots).view(-1)

def prepare_attention(self, meta: Tensor, groups: List[int], chunks: List[int], scratch: int) -> int:
  self.grow_scratch(scratch)
  # A group: first query, rows, table offset, segments, bounds offset, first key, keys (the last two for a single row).
  self.groups = groups
  self.group_rows = annotate(List[Tensor], [])
  self.group_masks = annotate(List[Tensor], [])
  for i in range(len(groups) // 7):
    rows = groups[i * 7 + 1]
    segments = groups[i * 7 + 3]
    self.group_rows.append(self.table_rows(meta, groups[i * 7 + 2], rows, segments))
    mask = meta
    if rows > 1:
      key = torch.arange(segments * self.segment_tokens).unsqueeze(0)
      first = meta.narrow(0, groups[i * 7 + 4], rows).unsqueeze(1)
      end = meta.narrow(0, groups[i * 7 + 4] + rows, rows).unsqueeze(1)
      hidden = torch.logical_or(torch.lt(key, first), torch.ge(key, end)).view(rows, 1, 1, -1)
      mask = torch.zeros([rows, 1, 1, segments * self.segment_tokens]).masked_fill_(hidden, -1e30).to(self.dtype)
    self.group_masks.append(mask)
  # A chunk: first query, queries, table offset, segments, past offset, past keys, own offset, own keys, diagonal.
  self.chunks = chunks
  self.chunk_rows = annotate(List[Tensor], [])
  self.chunk_masks = annotate(List[Tensor], [])
  for i in range(len(chunks) // 9):
    self.chunk_rows.append(self.table_rows(meta, chunks[i * 9 + 2], 1, chunks[i * 9 + 3]))
    queries = chunks[i * 9 + 1]
    keys = chunks[i * 9 + 7]
    mask = meta
    if keys > 0:
      if keys != queries or chunks[i * 9 + 8] != 0:
        # Query i sees own key j iff j <= i + diagonal.
        mask = torch.triu(torch.full([queries, keys], -1e30), chunks[i * 9 + 8] + 1).to(self.dtype)
    self.chunk_masks.append(mask)
  return 0

def gather(self, l: int, rows: Tensor) -> Tensor:
  n = rows.size(0)
  out = self.scratch[0].narrow(0, 0, n * self.row_elements).view(n, self.row_elements)
  return torch.index_select(self.segment_rows[l], 0, rows, out=out)

def attend_group(self, l: int, q: Tensor, o: Tensor, lse: Tensor, i: int) -> int:
  first = self.groups[i * 7]
  rows = self.groups[i * 7 + 1]
  g = self.gather(l, self.group_rows[i]).view(2, rows, self.kv_heads, -1, self.head_dim)
  # GQA without copies: the queries of a group are the rows of one attention head.
  query = q.narrow(0, first, rows).reshape(rows, self.kv_heads, self.heads // self.kv_heads, self.head_dim)
  if rows == 1:
    k = g.select(0, 0).narrow(2, self.groups[i * 7 + 5], self.groups[i * 7 + 6])
    v = g.select(0, 1).narrow(2, self.groups[i * 7 + 5], self.groups[i * 7 + 6])
    x, e = torch._scaled_dot_product_flash_attention_for_cpu(query, k, v, 0., False)
  else:
    x, e = torch._scaled_dot_product_flash_attention_for_cpu(query, g.select(0, 0), g.select(0, 1), 0., False, attn_mask=self.group_masks[i])
  o.narrow(0, first, rows).copy_(x.reshape(rows, self.heads, self.head_dim))
  lse.narrow(0, first, rows).copy_(e.reshape(rows, self.heads))
  return 0

def attend_chunk(self, l: int, q: Tensor, o: Tensor, lse: Tensor, i: int) -> int:
  b = i * 9
  first = self.chunks[b]
  n = self.chunks[b + 1]
  past = self.chunks[b + 5]
  own = self.chunks[b + 7]
  group = self.heads // self.kv_heads
  g = self.gather(l, self.chunk_rows[i]).view(2, self.kv_heads, 1, -1, self.head_dim)
  query = q.narrow(0, first, n).reshape(n, self.kv_heads, group, self.head_dim).permute(1, 2, 0, 3)
  x = query
  e = lse
  if own > 0:
    k = g.select(0, 0).narrow(2, self.chunks[b + 6], own).expand(self.kv_heads, group, own, self.head_dim)
    v = g.select(0, 1).narrow(2, self.chunks[b + 6], own).expand(self.kv_heads, group, own, self.head_dim)
    if own == n and self.chunks[b + 8] == 0:
      x, e = torch._scaled_dot_product_flash_attention_for_cpu(query, k, v, 0., True)
    else:
      x, e = torch._scaled_dot_product_flash_attention_for_cpu(query, k, v, 0., False, attn_mask=self.chunk_masks[i])
      blind = torch.lt(e, -1e29)
      e = e.masked_fill(blind, float("-inf"))
      x = x.masked_fill(blind.unsqueeze(-1), 0.)
  if past > 0:
    kp = g.select(0, 0).narrow(2, self.chunks[b + 4], past).expand(self.kv_heads, group, past, self.head_dim)
    vp = g.select(0, 1).narrow(2, self.chunks[b + 4], past).expand(self.kv_heads, group, past, self.head_dim)
    xp, ep = torch._scaled_dot_product_flash_attention_for_cpu(query, kp, vp, 0., False)
    if own > 0:
      # Merge by logsumexp; sigmoid(a - b) = exp(a) / (exp(a) + exp(b)).
      x = torch.lerp(x.float(), xp.float(), torch.sigmoid(torch.sub(ep, e)).unsqueeze(-1))
      e = torch.logaddexp(e, ep)
    else:
      x = xp
      e = ep
  o.narrow(0, first, n).copy_(x.permute(2, 0, 1, 3).reshape(n, self.heads, self.head_dim))
  lse.narrow(0, first, n).copy_(e.permute(2, 0, 1).reshape(n, self.heads))
  return 0

def attend(self, l: int, q: Tensor, o: Tensor, lse: Tensor) -> int:
  for i in range(len(self.groups) // 7):
    self.attend_group(l, q, o, lse, i)
  for i in range(len(self.chunks) // 9):
    self.attend_chunk(l, q, o, lse, i)
  return 0

def blind(self, o: Tensor, lse: Tensor, first: int, count: int) -> int:
  # Queries that see no key at all.
  o.narrow(0, first, count).fill_(0.)
  lse.narrow(0, first, count).fill_(float("-inf"))
  return 0
