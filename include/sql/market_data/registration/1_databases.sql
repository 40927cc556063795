CREATE DATABASE IF NOT EXISTS market_data_bronze;
CREATE DATABASE IF NOT EXISTS market_data_silver;
CREATE DATABASE IF NOT EXISTS market_data_gold;
CREATE DATABASE IF NOT EXISTS market_data_rejected;
