document.querySelectorAll('form').forEach(form => form.addEventListener('submit', async event => {
  event.preventDefault();
  const out = form.querySelector('output');
  let path = form.dataset.path;
  const query = new URLSearchParams();
  form.querySelectorAll('input').forEach(input => {
    if (input.dataset.in === 'path') path = path.replace('{' + input.name + '}', encodeURIComponent(input.value));
    else if (input.value !== '') query.append(input.name, input.value);
  });
  const body = form.querySelector('textarea');
  const options = { method: form.dataset.method, headers: body ? { 'Content-Type': 'application/json' } : {} };
  if (body) options.body = body.value;
  out.innerHTML = '<pre></pre>';
  const pre = out.firstChild;
  try {
    const answer = await fetch('.' + path + (query.size ? '?' + query : ''), options);
    pre.textContent = answer.status + ' ' + answer.statusText + '\n\n';
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let part = await reader.read(); !part.done; part = await reader.read()) pre.textContent += part.value;
    const [head, ...rest] = pre.textContent.split('\n\n');
    try { pre.textContent = head + '\n\n' + JSON.stringify(JSON.parse(rest.join('\n\n')), null, 2); } catch { /* not JSON */ }
  } catch (problem) { pre.textContent += problem; }
}));
