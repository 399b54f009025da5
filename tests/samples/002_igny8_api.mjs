class Igny8API {
  constructor(baseUrl = 'https://api.igny8.com/api/v1') {
    this.baseUrl = baseUrl;
    this.accessToken = null;
    this.refreshToken = null;
    this.tokenExpiresAt = null;
  }

  async login(email, password) {
    const response = await fetch(`${this.baseUrl}/auth/login/`, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json'
      },
      body: JSON.stringify({ email, password })
    });

    const data = await response.json();

    if (data.success) {
      this.accessToken = data.data.access;
      this.refreshToken = data.data.refresh;
      // Token expires in 15 minutes
      this.tokenExpiresAt = new Date(Date.now() + 14 * 60 * 1000);
      return true;
    } else {
      console.error('Login failed:', data.error);
      return false;
    }
  }

  async refreshAccessToken() {
    if (!this.refreshToken) {
      return false;
    }

    const response = await fetch(`${this.baseUrl}/auth/refresh/`, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json'
      },
      body: JSON.stringify({ refresh: this.refreshToken })
    });

    const data = await response.json();

    if (data.success) {
      this.accessToken = data.data.access;
      this.refreshToken = data.data.refresh;
      this.tokenExpiresAt = new Date(Date.now() + 14 * 60 * 1000);
      return true;
    } else {
      console.error('Token refresh failed:', data.error);
      return false;
    }
  }

  async getHeaders() {
    // Check if token is expired or about to expire
    if (!this.tokenExpiresAt || new Date() >= this.tokenExpiresAt) {
      if (!await this.refreshAccessToken()) {
        throw new Error('Token expired and refresh failed');
      }
    }

    return {
      'Authorization': `Bearer ${this.accessToken}`,
      'Content-Type': 'application/json'
    };
  }

  async get(endpoint) {
    const response = await fetch(
      `${this.baseUrl}${endpoint}`,
      { headers: await this.getHeaders() }
    );
    return await response.json();
  }

  async post(endpoint, data) {
    const response = await fetch(
      `${this.baseUrl}${endpoint}`,
      {
        method: 'POST',
        headers: await this.getHeaders(),
        body: JSON.stringify(data)
      }
    );
    return await response.json();
  }
}

// Usage
const api = new Igny8API();
await api.login('user@example.com', 'password');

// Make authenticated requests
const keywords = await api.get('/planner/keywords/');
